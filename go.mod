module github.com/sockleak/sockleak

go 1.26
