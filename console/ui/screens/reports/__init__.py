"""The numbers of the work: charts, tables and CSV."""
