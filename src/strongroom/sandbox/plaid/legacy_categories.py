"""The old category tree that /categories/get serves, as far as practice data needs it.

Transactions no longer carry these; personal finance categories took their place.
"""

from __future__ import annotations

from typing import Final

# top level: number, name, group, then its second level in order of number
_TREE: Final = (
    (10, "Bank Fees", "special", "Overdraft|ATM|Late Payment|Fraud Dispute|Foreign Transaction|"
     "Wire Transfer|Insufficient Funds|Cash Advance|Excess Activity"),
    (11, "Cash Advance", "special", ""),
    (12, "Community", "place", "Animal Shelter|Assisted Living Services|Cemetery|Courts|"
     "Day Care and Preschools|Disabled Persons Services|Drug and Alcohol Services|Education|"
     "Government Departments and Agencies|Government Lobbyists|Housing Assistance and Shelters|"
     "Law Enforcement|Libraries|Military|Organizations and Associations|Post Offices|"
     "Public and Social Services|Religious|Senior Citizen Services"),
    (13, "Food and Drink", "place", "Bar|Breweries|Internet Cafes|Nightlife|Restaurants"),
    (14, "Healthcare", "place", "Healthcare Services|Physicians"),
    (15, "Interest", "special", "Interest Earned|Interest Charged"),
    (16, "Payment", "special", "Credit Card|Rent|Loan"),
    (17, "Recreation", "place", "Arts and Entertainment|Athletic Fields|Baseball|Basketball|"
     "Batting Cages|Boating|Campgrounds and RV Parks|Canoes and Kayaks|Combat Sports|Cycling|"
     "Dance|Equestrian|Football|Go Carts|Golf|Gun Ranges|Gymnastics|Gyms and Fitness Centers"),
    (18, "Service", "place", "Advertising and Marketing|Agriculture|Art and Graphic Design|"
     "Audiovisual|Automation and Control Systems|Automotive|Business and Strategy Consulting|"
     "Business Services|Cable|Chemicals and Gasses|Cleaning|Computers|Construction|"
     "Credit Counseling and Bankruptcy Services|Dating and Escort|Employment Agencies|Engineering|"
     "Entertainment|Events and Event Planning|Financial|Food and Beverage|Funeral Services"),
    (19, "Shops", "place", "Adult|Antiques|Arts and Crafts|Auctions|Automotive|Beauty Products|"
     "Bicycles|Boat Dealers|Bookstores|Cards and Stationery|Children|Clothing and Accessories|"
     "Computers and Electronics|Construction Supplies|Convenience Stores|Costumes|Dance and Music|"
     "Department Stores|Digital Purchase|Discount Stores|Electrical Equipment|Equipment Rental|"
     "Flea Markets|Florists|Food and Beverage Store|Fuel Dealer|Furniture and Home Decor"),
    (20, "Tax", "special", "Refund|Payment"),
    (21, "Transfer", "special", "Internal Account Transfer|ACH|Billpay|Check|Credit|Debit|Deposit|"
     "Keep the Change Savings Program|Payroll|Save As You Go|Third Party|Wire|Withdrawal"),
    (22, "Travel", "special", "Airlines and Aviation Services|Airports|Boat|"
     "Bus Stations|Car and Truck Rentals|Car Service|Charter Buses|Cruises|Gas|Heliports|"
     "Limos and Chauffeurs|Lodging|Parking|Public Transportation Services|Rail|Taxi|"
     "Tolls and Fees|Transportation Centers"),
)  # fmt: skip


def _flatten() -> list[tuple[str, str, tuple[str, ...]]]:
    found: list[tuple[str, str, tuple[str, ...]]] = []
    for number, name, group, children in _TREE:
        found.append((f"{number}000000", group, (name,)))
        for index, child in enumerate(filter(None, children.split("|")), start=1):
            found.append((f"{number}{index:03d}000", group, (name, child)))
    return found


CATEGORIES: Final = tuple(_flatten())
