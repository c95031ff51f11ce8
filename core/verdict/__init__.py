"""What a verdict on learning curves is made of; core/diagnosis.py gives it."""
