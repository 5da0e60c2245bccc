"""What people print and pass on: the record form and lists in Word, reports as workbooks."""
