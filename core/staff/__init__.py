"""What is done with those who work here: accounts, absences, work handed on."""
