package socket_test

import (
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestNameOfTheTest(t *testing.T) {
	own := func(function, file string) socket.Frame {
		return socket.Frame{Function: function, File: file, Line: 1, Own: true}
	}
	for _, tc := range []struct {
		want   string
		frames []socket.Frame
	}{
		{"TestPrices", []socket.Frame{own("example.com/shop.Fetch", "/w/shop.go"), own("example.com/shop.TestPrices.func1", "/w/shop_test.go"), {Function: "testing.tRunner"}}},
		{"TestPrices", []socket.Frame{own("example.com/shop.(*Suite).TestPrices", "/w/shop_test.go")}},
		{"", []socket.Frame{own("main.TestPrices", "/w/main.go")}},
		{"", []socket.Frame{own("example.com/shop.Testament", "/w/shop_test.go")}},
		{"test_prices", []socket.Frame{own("test_helper", "/w/test_shop.py"), own("test_prices", "/w/test_shop.py")}},
		{"TestShop.test_prices", []socket.Frame{own("fetch", "/w/shop.py"), own("TestShop.test_prices", "/w/shop_test.py")}},
		{"", []socket.Frame{own("test_prices", "/w/shop.py")}},
		{"ShopTest.prices", []socket.Frame{own("com.acme.Shop.fetch", "com/acme/Shop.java"), own("com.acme.ShopTest.prices", "com/acme/ShopTest.java")}},
		{"", []socket.Frame{{Function: "lib.TestX", File: "/m/lib_test.go"}}},
		{"", nil},
	} {
		if got := (&socket.Origin{Frames: tc.frames}).Test(); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.frames, got, tc.want)
		}
	}
}
