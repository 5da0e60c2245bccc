"""What monitoring systems say: CloudEvents read strictly, without a database."""
