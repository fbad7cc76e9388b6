"""The API of what is measured: indicators, measures, targets, campaigns, reports, readings (also to write), the whole plan."""
