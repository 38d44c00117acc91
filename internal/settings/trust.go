package settings

import "fmt"

// ForeignError says that a settings file was not read because somebody else
// owns it.
type ForeignError struct{ Name, Why string }

// Error says why, and how to read it all the same.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s is not read: %s; --config %s reads it", e.Name, e.Why, e.Name)
}
