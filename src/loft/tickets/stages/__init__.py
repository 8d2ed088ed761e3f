"""The study's steps, a module each: what `loft <step>` does once its arguments are parsed."""
