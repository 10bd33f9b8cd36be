"""What the shop itself writes when it is told of an event."""

from django.db import models


class Receipt(models.Model):
    """A receipt for a payment. Nothing here keeps it unique: that there is one for each event is for the check."""

    event = models.ForeignKey("pinax_stripe.Event", on_delete=models.CASCADE, related_name="receipts")
    invoice = models.CharField(max_length=255)
    amount = models.BigIntegerField(help_text="Minor units.")
    currency = models.CharField(max_length=3)

    class Meta:
        app_label = "demo"
        ordering = ["id"]

    def __str__(self):
        return f"{self.amount / 100:.2f} {self.currency.upper()} for {self.invoice}"
