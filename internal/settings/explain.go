package settings

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// explain puts an error on one line behind the name of the file and the
// number of the line, in words about the file instead of about Go's types.
func explain(name string, err error) error {
	var typed *yaml.TypeError
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if errors.As(err, &typed) && len(typed.Errors) > 0 {
		text = typed.Errors[0]
	}
	text = strings.Join(strings.Fields(text), " ")
	if m := regexp.MustCompile(`^line (\d+): (.*)$`).FindStringSubmatch(text); m != nil {
		name, text = name+":"+m[1], m[2]
	}
	if m := regexp.MustCompile(`^field (.*) not found in type settings\.(\w+)$`).FindStringSubmatch(text); m != nil {
		text = fmt.Sprintf("unknown key %q; the keys here are %s", m[1], strings.Join(keysOf(m[2]), ", "))
	}
	if m := regexp.MustCompile("^cannot unmarshal !!(\\w+)(?: `(.*)`)? into (.*)$").FindStringSubmatch(text); m != nil {
		text = fmt.Sprintf("%s expected, not %s", kindOf(m[3]), yamlKind(m[1], m[2]))
	}
	return fmt.Errorf("%s: %s", name, text)
}

// keysOf returns the keys of one of the types of the file.
func keysOf(name string) []string {
	var keys []string
	for _, v := range []any{file{}, thresholds{}, ignore{}} {
		t := reflect.TypeOf(v)
		for i := range t.NumField() {
			if t.Name() == name {
				keys = append(keys, strings.TrimSuffix(t.Field(i).Tag.Get("yaml"), ",omitempty"))
			}
		}
	}
	return keys
}

// kindOf says in words what Go's type stands for.
func kindOf(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "settings."):
		return "keys and values (" + strings.Join(keysOf(strings.TrimPrefix(goType, "settings.")), ", ") + ")"
	}
	return "a single value"
}

// yamlKind says in words what stands there instead.
func yamlKind(tag, text string) string {
	switch tag {
	case "map":
		return "keys and values"
	case "seq":
		return "a list"
	}
	return fmt.Sprintf("%q", text)
}
