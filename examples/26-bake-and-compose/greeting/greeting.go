// Package greeting is shared by the programs of the repository.
package greeting

// Of makes a greeting.
func Of(name string) string { return "hello from " + name }
