"""Other spellings of a word that a vector file may have instead.

`table` lists the rules, `forms` puts them one after the other, `choice` reads what a user wrote.
"""
