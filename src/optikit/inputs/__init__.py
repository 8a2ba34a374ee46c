"""What comes from outside, checked at the door: arrays, arguments, keywords, files, JSON. Knows no problem and no solver."""
