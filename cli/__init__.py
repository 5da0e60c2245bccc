"""`tanfang`: starts the servers, the API and the workers of one machine, and the jobs done at a shell."""
