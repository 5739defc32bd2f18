package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestServesThePageAndTheVersion(t *testing.T) {
	page := t.TempDir()
	if err := os.WriteFile(filepath.Join(page, "index.html"), []byte("the page"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/": "the page", "/version": "development"} {
		recorder := httptest.NewRecorder()
		handler(page).ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
		if body := strings.TrimSpace(recorder.Body.String()); recorder.Code != 200 || body != want {
			t.Errorf("%s answers %d %q, not %q", path, recorder.Code, body, want)
		}
	}
}
