"""Each format of file, read into sheets within bounded memory; `opening` knows them apart by what they hold."""
