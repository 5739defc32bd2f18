package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// get answers a request with the handler and returns the body.
func get(t *testing.T, handler http.HandlerFunc, path string) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	response := recorder.Result()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s", path, response.Status)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestRootSaysHello(t *testing.T) {
	if body := get(t, handleRoot, "/"); !strings.HasPrefix(body, "Hello from Go") {
		t.Errorf("/ answers %q", body)
	}
}

func TestInfoDescribesTheServer(t *testing.T) {
	body := get(t, handleInfo, "/info")
	for _, want := range []string{
		"Go Version: " + runtime.Version(),
		"OS/Arch: " + runtime.GOOS + "/" + runtime.GOARCH,
		"Hostname: " + getHostname(),
	} {
		if !strings.Contains(body, want) {
			t.Errorf("/info lacks %q:\n%s", want, body)
		}
	}
}

func TestEnvironmentWinsOverFallback(t *testing.T) {
	t.Setenv("GO_WEB_TEST", "value")
	if value := getEnv("GO_WEB_TEST", "fallback"); value != "value" {
		t.Errorf("got %q", value)
	}
	if value := getEnv("GO_WEB_TEST_UNSET", "fallback"); value != "fallback" {
		t.Errorf("got %q", value)
	}
}
