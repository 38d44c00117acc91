package cli

import (
	"strconv"

	"github.com/spf13/cobra"
)

// item is an entry of a list in a manual page: a word, and what it stands for.
type item struct{ term, text string }

// items writes a section that is a list.
func (m *manual) items(head string, list []item) {
	m.line(".SH %q", head)
	for _, i := range list {
		m.line(".TP\n.B %s", roff(i.term))
		m.text(i.text)
	}
}

// exitStatus lists the exit codes of a command.
func exitStatus(cmd *cobra.Command) []item {
	list := []item{
		{strconv.Itoa(exitClean), "nothing was found at or above the level of --fail-on"},
		{strconv.Itoa(exitFailed), "sockleak itself failed"},
		{strconv.Itoa(exitUsage), "the command line was wrong"},
		{strconv.Itoa(exitFound), "something was found at or above the level of --fail-on"},
		{strconv.Itoa(exitUnseen), "inconclusive: not enough was visible to judge"},
	}
	if cmd.Name() != "check" {
		return list
	}
	return append(list,
		item{"124", "the command was ended by --timeout"},
		item{"125", "sockleak itself failed while a command ran"},
		item{"126, 127", "the command is not executable, or was not found"},
		item{"128+N", "the command was ended by signal N"},
		item{"others", "those of the command"})
}

// environment returns the variables that every command reads.
func environment() []item {
	return []item{
		{"NO_COLOR", "when it is not empty, there are no colours"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "headers for the collector that -o otlp=URL sends to, as in name=value,name=value"},
		{"TERM", "when it is dumb, there are neither colours nor lines that change"},
	}
}

// manualFiles lists the files that a command reads and writes by itself.
func manualFiles(cmd *cobra.Command) []item {
	var list []item
	if f := cmd.Flags().Lookup("config"); f != nil {
		list = append(list, item{f.DefValue, "in the working directory: thresholds, and findings that are accepted for a time; --config names another"})
	}
	switch cmd.Name() {
	case "record":
		list = append(list, item{"/var/lib/sockleak", "the reports of sockleak-record.service"},
			item{"/etc/default/sockleak", "RECORD_ARGS: more arguments for sockleak-record.service"})
	case "trend":
		list = append(list, item{"/var/lib/sockleak", "the reports of sockleak-record.service"})
	case "serve":
		list = append(list, item{"/etc/default/sockleak", "SERVE_ARGS: the arguments of sockleak-serve.service"})
	}
	return list
}
