"""The certificate's page: type, tags and the parts of the layout."""
