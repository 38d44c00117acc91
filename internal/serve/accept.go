package serve

import (
	"mime"
	"strconv"
	"strings"
)

const (
	textType        = "text/plain; version=0.0.4; charset=utf-8"
	openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8"
)

// wantsOpenMetrics reports whether who accepts these media types (RFC 9110,
// 12.5.1) would rather have OpenMetrics than the older text format. One who
// says nothing gets the older one.
func wantsOpenMetrics(accept []string) bool {
	quality := map[string]float64{}
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil || name == "application/openmetrics-text" && params["version"] != "" && !strings.HasPrefix(params["version"], "1.") {
			continue
		}
		q, err := strconv.ParseFloat(params["q"], 64)
		if err != nil {
			q = 1
		}
		quality[name] = max(quality[name], q)
	}
	q := quality["application/openmetrics-text"]
	return q > 0 && q >= quality["text/plain"]
}
