"""The Pulumi edge: resources, and the dynamic providers behind them. The only pulumi import."""
