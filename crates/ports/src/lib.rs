//! What the Valetkey engine asks of the outside: records, store traits, the memory store and the contract suite.
