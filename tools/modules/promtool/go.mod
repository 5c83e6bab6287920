module m2m-operator.io/test/tools/promtool

go 1.26

require github.com/prometheus/prometheus v0.42.0 // indirect
