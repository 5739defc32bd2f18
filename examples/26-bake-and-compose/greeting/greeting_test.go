package greeting

import "testing"

func TestOf(t *testing.T) {
	if got := Of("a test"); got != "hello from a test" {
		t.Fatal(got)
	}
}
