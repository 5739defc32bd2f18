package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFilesAreServedAndCounted(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "a.txt"), []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
	handler := newHandler(folder)
	for path, want := range map[string]string{"/a.txt": "content", "/missing": "not found"} {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		if got := recorder.Body.String(); !strings.Contains(got, want) {
			t.Errorf("%s answers %q", path, got)
		}
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/count", nil))
	if got := recorder.Body.String(); got != "2\n" {
		t.Errorf("counted %q", got)
	}
}
