-- Apart from the data, so that a dump of the data never holds the keys that open it.
CREATE DATABASE keyring;
