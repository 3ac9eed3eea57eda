"""Training of the speech model (engine environment: torch; mediapipe and PyAV for filmed clips). Never shipped."""
