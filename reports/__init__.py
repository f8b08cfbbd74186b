"""What was seen: records, the pytest plugin, the command line, the baseline gate and the HTML report."""
