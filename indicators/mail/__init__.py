"""What leaves by e-mail: to whom (addressees), what is waiting (news), how it reads (letters), how it is sent (post)."""
