module example.com/openers

go 1.26.0
