"""What somebody must do, who goes, and who hears of it when nobody does."""
