"""Other spellings of a word that a vector file may have instead.

In: a word.
Out: the forms that the rules make of it, best first.
May import: nothing above the ground floor.

`table` lists the rules, `forms` applies them one after the other, `choice` reads what a user wrote.
"""
