"""What ``make bench`` measures, as ratios side by side in one run; nothing here is asserted."""
