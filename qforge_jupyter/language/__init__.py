"""The language of a cell as pure text work: header, body, types, placeholders."""
