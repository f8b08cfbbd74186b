"""The items that ``gradlaw run`` and this repository's own pytest run: proofs, numeric checks, cells."""
