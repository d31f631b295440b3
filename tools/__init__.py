"""Programs that build the data files shipped with Copydesk. They are no part of the package."""
