"""A sweep as one offline page: ``write_report`` in ``rnnlab.report.page``."""
