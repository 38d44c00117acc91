package report

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/words"
)

// What a report has of a command line unless the whole is asked for, in bytes:
// enough to tell programs apart.
const (
	maxArg     = 200
	maxCommand = 1000
)

// masked stands for what may be secret.
const masked = "***"

// commands writes the command lines of processes. Reports go to archives, CI
// artifacts and mailing lists, and command lines hold passwords and tokens.
type commands struct {
	full     bool
	key      *regexp.Regexp // the name of a flag or variable whose value is secret
	pair     *regexp.Regexp // such a name, with its value
	userinfo *regexp.Regexp // of a URL, RFC 3986 section 3.2.1
	token    *regexp.Regexp // what looks like a key whatever stands before it
}

// secretWords are parts of the names of flags, variables and headers.
const secretWords = `pass|pwd|secret|token|credential|auth|cookie|session|signature|dsn|bearer|(?:api|access|private|signing|encryption|account|shared)[-_.]?key`

func newCommands(full bool) *commands {
	return &commands{
		full:     full,
		key:      regexp.MustCompile(`(?i)^--?[\w.-]*(?:` + secretWords + `)[\w.-]*$`),
		pair:     regexp.MustCompile(`(?i)((?:^|[^A-Za-z])(?:key|[\w.-]*(?:` + secretWords + `)[\w.-]*)"?\s*[=:]\s*"?(?:(?:basic|bearer|token|digest)\s+)?)([^\s&;,"]+)`),
		userinfo: regexp.MustCompile(`(://)[^/\s@]+@`),
		token: regexp.MustCompile(`eyJ[\w-]{8,}(?:\.[\w-]+)*` + // JSON Web Token, RFC 7519
			`|(?:gh[opsur]_|github_pat_|glpat-|xox[a-z]-|sk-|AKIA|ya29\.)[\w-]{12,}` +
			`|(?i:bearer|basic)\s+[\w.+/=-]{8,}` +
			`|[A-Za-z0-9+_]{24,}={0,2}`),
	}
}

// text returns the arguments, cleaned, cut and without what may be secret.
func (c *commands) text(args []string) []string {
	var out []string
	longest, room := maxArg, maxCommand
	if c.full {
		longest, room = words.MaxText, words.MaxText
	}
	for i, arg := range args {
		if room <= 0 {
			return append(out, fmt.Sprintf("... (%d more arguments)", len(args)-i))
		}
		more := 0
		if !c.full {
			arg, more = c.mask(args, i)
		}
		if len(arg) > longest {
			more += len(arg) - longest
			arg = strings.ToValidUTF8(arg[:longest], "")
		}
		if more > 0 {
			arg += fmt.Sprintf("... (%d more bytes)", more)
		}
		out = append(out, words.Clean(arg))
		room -= len(arg) + 1 // an argument may be empty
	}
	return out
}

// mask returns the argument without what may be secret, and how many bytes at
// its end were left out.
func (c *commands) mask(args []string, i int) (arg string, more int) {
	arg = args[i]
	if i > 0 && len(args[i-1]) <= maxArg && c.key.MatchString(args[i-1]) && !strings.HasPrefix(arg, "-") {
		return masked, 0 // --password SECRET
	}
	if i > 0 && arg != "" {
		if plain, ok := shortSecret(args, i); ok {
			return plain, 0
		}
	}
	if len(arg) > words.MaxText { // an argument may have megabytes
		more = len(arg) - words.MaxText
		arg = c.maskText(arg[:words.MaxText])
		// What may be the beginning of a secret goes with the rest.
		keep := max(0, len(arg)-cutSecret)
		return arg[:keep], more + len(arg) - keep
	}
	return c.maskText(arg), 0
}

// cutSecret is above the length of what is shown where a secret is cut off:
// shorter ones are taken for a word.
const cutSecret = 32

func (c *commands) maskText(arg string) string {
	arg = c.userinfo.ReplaceAllString(arg, "${1}"+masked+"@")
	arg = c.pair.ReplaceAllString(arg, "${1}"+masked)
	return c.token.ReplaceAllStringFunc(arg, func(s string) string {
		if strings.ContainsAny(s, "0123456789") { // else it is a word
			return masked
		}
		return s
	})
}

// shortSecret masks the short flags for passwords of some well-known programs.
func shortSecret(args []string, i int) (plain string, ok bool) {
	arg, before := args[i], args[i-1]
	switch name := path.Base(args[0]); {
	case slices.Contains([]string{"mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump", "mariadb-admin", "sshpass", "mongo", "mongosh", "mongodump"}, name):
		if before == "-p" && strings.HasPrefix(name, "mongo") {
			return masked, true
		}
		if strings.HasPrefix(arg, "-p") && len(arg) > 2 {
			return "-p" + masked, true
		}
	case name == "redis-cli" && before == "-a", name == "curl" && (before == "-u" || before == "-U"):
		return masked, true
	case name == "curl" && strings.HasPrefix(arg, "-u") && len(arg) > 2:
		return "-u" + masked, true
	}
	return "", false
}
