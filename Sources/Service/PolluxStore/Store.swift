import GRDB

/// Where keys and usage are kept between two starts: one SQLite file.
enum Store {}
