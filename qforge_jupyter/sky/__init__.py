"""Images of the sky: read by section, cut out, stretched, masked and measured."""
