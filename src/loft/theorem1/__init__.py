"""LoFT's Theorem 1, checked by experiment (LoFT v2, section 5 and appendices A to C)."""
