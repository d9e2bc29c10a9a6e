// What `python -m venv` puts into an environment on Windows as Scripts\python.exe, for the test bench: CPython's own is not
// in the packages that the bench is made from. It starts the Python that pyvenv.cfg names and tells it, as CPython's does,
// by which path it was started (https://docs.python.org/3/library/venv.html).
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	launcher, err := os.Executable()
	if err != nil {
		fail(err)
	}
	home, err := homeOf(filepath.Join(filepath.Dir(filepath.Dir(launcher)), "pyvenv.cfg"))
	if err != nil {
		fail(err)
	}
	os.Setenv("__PYVENV_LAUNCHER__", launcher)
	command := exec.Command(filepath.Join(home, "python.exe"), os.Args[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			os.Exit(exit.ExitCode())
		}
		fail(err)
	}
}

func homeOf(configuration string) (string, error) {
	text, err := os.ReadFile(configuration)
	if err != nil {
		return "", err
	}
	for _, line := range strings.Split(string(text), "\n") {
		name, value, found := strings.Cut(line, "=")
		if found && strings.TrimSpace(name) == "home" {
			return strings.TrimSpace(value), nil
		}
	}
	return "", fmt.Errorf("no home in %s", configuration)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "venv launcher:", err)
	os.Exit(103)
}
