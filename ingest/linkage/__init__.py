"""Linking listed names to enterprises: what SQL cannot say of two names. The tiers and the queue are SQL (int_link_*)."""
