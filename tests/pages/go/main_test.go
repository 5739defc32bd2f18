package main

import "testing"

func TestGreeting(t *testing.T) {
	if greeting("Ada") != "hello, Ada\n" {
		t.Error("it doesn't greet Ada")
	}
}
