"""Models between the store and the views: they read a page at a time and keep it in memory."""
