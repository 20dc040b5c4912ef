"""KML for Google Earth and other globes."""
