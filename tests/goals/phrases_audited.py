"""Goals that were once read wrong or not at all, each in English and in Norwegian.

Today is 21 November 2026, at home in USD. A line: text | kind | amount | currency | months | codes
of the questions. Empty means not said.
"""

from __future__ import annotations

AUDITED = """
save 1/2 million in 10 years | custom | 500000 | USD | 120 |
spare 1/2 million kr på 10 år | custom | 500000 | NOK | 120 |
3/4 million by 2040 | custom | 750000 | USD | 157 |
3/4 million kroner innen 2040 | custom | 750000 | NOK | 157 |
1 1/2 million in 20 years | custom | 1500000 | USD | 240 |
1 1/2 million kr om 20 år | custom | 1500000 | NOK | 240 |
½ million in 10 years | custom | 500000 | USD | 120 |
2½ millioner kroner om 10 år | custom | 2500000 | NOK | 120 |
1/3 million in 10 years | custom | | USD | 120 | amount
save 1/2 of my salary in a year | custom | | USD | 12 | amount
.5m in 10 years | custom | 500000 | USD | 120 |
save $.5m in 10 years | custom | 500000 | USD | 120 |
,5 mill kr om 10 år | custom | | NOK | 120 | amount
2 and a half million in 20 years | custom | 2500000 | USD | 240 |
2 og en halv million kroner om 20 år | custom | 2500000 | NOK | 240 |
en og en halv million kroner om 20 år | custom | 1500000 | NOK | 240 |
a million and a half dollars in 20 years | custom | 1500000 | USD | 240 |
2 million and a half in 20 years | custom | 2500000 | USD | 240 |
one point five million dollars in 20 years | custom | 1500000 | USD | 240 |
to komma fem millioner kroner om 20 år | custom | 2500000 | NOK | 240 |
1 point 5 million in 20 years | custom | | USD | 240 | amount
$100 million billion in 20 years | custom | | USD | 240 | amount
100 millioner milliarder kr om 20 år | custom | | NOK | 240 | amount
fifty to sixty thousand in 3 years | custom | | USD | 36 | range
between fifty and sixty thousand in 3 years | custom | | USD | 36 | range
five or six thousand in 3 years | custom | | USD | 36 | range
femti til seksti tusen kroner om 3 år | custom | | NOK | 36 | range
mellom femti og seksti tusen kroner om 3 år | custom | | NOK | 36 | range
fem-seks tusen kroner om 3 år | custom | | NOK | 36 | range
fem eller seks tusen om 3 år | custom | | USD | 36 | range
minus five thousand in 2 years | custom | | USD | 24 | not_positive
negative 5000 in 2 years | custom | | USD | 24 | not_positive
minus fem tusen kroner om 2 år | custom | | NOK | 24 | not_positive
save $-500 in 2 years | custom | | USD | 24 | not_positive
save 20k for car and 5k for trip in 2 years | travel | | USD | 24 | two_amounts
spare 200 000 til bil og 50 000 til tur om 2 år | major_purchase | | USD | 24 | two_amounts
save $10k, maybe $12k in 2 years | custom | | USD | 24 | two_amounts
spare 100 000 kr, kanskje 120 000 kr om 2 år | custom | | NOK | 24 | two_amounts
need 10k, ideally 15k in 2 years | custom | | USD | 24 | two_amounts
trenger 100 000, helst 150 000 om 2 år | custom | | USD | 24 | two_amounts
save 10 000 euros and 5 000 dollars in 2 years | custom | | EUR | 24 | two_amounts
spare 10 000 euro og 5 000 kroner på 2 år | custom | | EUR | 24 | two_amounts
save 100 Kč in 2 years | custom | 100 | CZK | 24 |
spare 5000 zł på 2 år | custom | 5000 | PLN | 24 |
save 5000 foos in 2 years | custom | | USD | 24 | amount
save $500 CAD in 2 years | custom | 500 | CAD | 24 |
save 10k canadian dollars in 2 years | custom | 10000 | CAD | 24 |
spare 5000 kanadiske dollar på 2 år | custom | 5000 | CAD | 24 |
save 10k zimbabwean dollars in 2 years | custom | 10000 | USD | 24 | currency
save €500 dollars in 2 years | custom | 500 | EUR | 24 | currency
save ₡5000 in 2 years | custom | 5000 | USD | 24 | currency
save Rs 50,000 in 2 years | custom | 50000 | INR | 24 |
50 000 pesos om 2 år | custom | 50000 | USD | 24 | currency
save 50_000 in 2 years | custom | 50000 | USD | 24 |
10 kkr om 2 år | custom | 10000 | NOK | 24 |
save 9k by June '28 | custom | 9000 | USD | 19 |
9k innen desember -28 | custom | 9000 | USD | 25 |
9k by summer '28 | custom | 9000 | USD | 19 |
9k til sommeren -28 | custom | 9000 | USD | 19 |
save 9k by '28 | custom | 9000 | USD | 13 |
9k innen juni 28 | custom | 9000 | USD | | date
save 9k by summer 28 | custom | 9000 | USD | | date
save 9k by 06/28 | custom | 9000 | USD | | date
save 9k by 06/01/28 | custom | 9000 | USD | | date
9k by summer of 2028 | custom | 9000 | USD | 19 |
9k by spring of 2028 | custom | 9000 | USD | 16 |
9k by the fall of 2027 | custom | 9000 | USD | 10 |
9k til våren i 2028 | custom | 9000 | USD | 16 |
9k by June of 2028 | custom | 9000 | USD | 19 |
9k by the 2nd quarter of 2028 | custom | 9000 | USD | 17 |
9k by 2nd quarter 2028 | custom | 9000 | USD | 17 |
9k innen 2. kvartal 2028 | custom | 9000 | USD | 17 |
9k innen andre kvartal i 2028 | custom | 9000 | USD | 17 |
9k by 2028 Q2 | custom | 9000 | USD | 17 |
9k in the second half of 2028 | custom | 9000 | USD | 20 |
9k i andre halvår 2028 | custom | 9000 | USD | 20 |
9k in the third week of 2028 | custom | 9000 | USD | | date
9k by 2028-06 | custom | 9000 | USD | 19 |
9k innen 2029/12 | custom | 9000 | USD | 37 |
9k by 2028/06/30 | custom | 9000 | USD | 19 |
9k by EOY 2028 | custom | 9000 | USD | 25 |
9k by year end | custom | 9000 | USD | 1 |
9k by year-end 2028 | custom | 9000 | USD | 25 |
9k innen årsslutt 2028 | custom | 9000 | USD | 25 |
9k by the end of the year 2028 | custom | 9000 | USD | 25 |
9k by 2027 or 2028 | custom | 9000 | USD | | two_times
9k innen 2027/28 | custom | 9000 | USD | | two_times
9k in 1 1/2 years | custom | 9000 | USD | 18 |
9k om 3 1/2 år | custom | 9000 | USD | 42 |
9k in 2 and a half years | custom | 9000 | USD | 30 |
9k om 2 og et halvt år | custom | 9000 | USD | 30 |
9k om halvannet år | custom | 9000 | USD | 18 |
9k in three (3) years | custom | 9000 | USD | 36 |
9k om tre (3) år | custom | 9000 | USD | 36 |
9k in a year or two | custom | 9000 | USD | | when
9k om et år eller to | custom | 9000 | USD | | when
9k in 6 months to a year | custom | 9000 | USD | | when
9k om 6 måneder til et år | custom | 9000 | USD | | when
9k in 3 years, maybe 4 | custom | 9000 | USD | | when
9k om 3 år, kanskje 4 | custom | 9000 | USD | | when
9k in between 2 and 3 years | custom | 9000 | USD | | when
9k om mellom 2 og 3 år | custom | 9000 | USD | | when
100k college for the kids in 5 and 8 years | education | 100000 | USD | | when
100k til studier for barna om 5 og 8 år | education | 100000 | USD | | when
100k before 40 | custom | 100000 | USD | | born
100k før 40 | custom | 100000 | USD | | born
$50k house in 3 years without touching my $10k emergency fund | major_purchase | 50000 | USD | 36 |
500k til hus om 3 år uten å røre bufferen på 100 000 kr | major_purchase | 500000 | USD | 36 |
$50k for a house in 3 years, keep $10k emergency fund | major_purchase | 50000 | USD | 36 |
keep 10 thousand dollars untouched, 50k for a car in 2 years | major_purchase | 50000 | USD | 24 |
behold 100 000 kr som buffer, bil til 500 000 kr om 3 år | major_purchase | 500000 | NOK | 36 |
save 20k for a car in 2 years on top of my 5k savings | major_purchase | 20000 | USD | 24 |
use my 5k savings for a trip in a year | travel | | USD | 12 | amount
build my $10k emergency fund in a year | emergency_fund | 10000 | USD | 12 |
bruke sparepengene mine, 20k til tur om et år | travel | 20000 | USD | 12 |
kvitte meg med kredittkortgjeld på 50 000 kr på 2 år | debt_payoff | 50000 | NOK | 24 |
reduce my debt from 20k to 5k in 2 years | debt_payoff | | USD | 24 | range
redusere gjelda fra 200 000 til 50 000 på 2 år | debt_payoff | | USD | 24 | range
I make 5000/month and want 40000 in 2 years | custom | 40000 | USD | 24 |
jeg tjener 40 000 i måneden og vil spare 100 000 på 2 år | custom | 100000 | USD | 24 |
my rent is 1500 a month, save 6k by August | custom | 6000 | USD | 9 |
husleia er 12 000 i måneden, spare 60 000 på 2 år | custom | 60000 | USD | 24 |
€20,000 in 3 years, 500 dollars a month | custom | 20000 | EUR | 36 | monthly_currency
20 000 euro om 3 år, 5000 kr i måneden | custom | 20000 | EUR | 36 | monthly_currency
save 300-400 a month for a car in 2 years | major_purchase | | USD | 24 | amount monthly_range
spare 3000 til 4000 i måneden til bil om 2 år | major_purchase | | USD | 24 | amount monthly_range
20k in 2 years, I pay 500 a month | custom | 20000 | USD | 24 | monthly
each month I put aside 500 for a car in 2 years | major_purchase | | USD | 24 | amount
hver måned sparer jeg 500 til bil om 2 år | major_purchase | | USD | 24 | amount
save 12k in a year, $200 every two weeks | custom | 12000 | USD | 12 | monthly_other
jeg har 50 000 kr og trenger 90 000 kr om 2 år | custom | 90000 | NOK | 24 |
I have 5k and need 20k in 2 years | custom | 20000 | USD | 24 |
200 chairs by june | custom | | USD | 7 | amount
$8,000 for tuition by fall semester 2028 | education | 8000 | USD | 22 |
9k by the end of Q3 2028 | custom | 9000 | USD | 22 |
9k by late summer '28 | custom | 9000 | USD | 21 |
9k mot slutten av sommeren 2028 | custom | 9000 | USD | 21 |
save 5k in a month or so | custom | 5000 | USD | 1 |
spare 5k om en måned | custom | 5000 | USD | 1 |
5 dollars and 50 cents in a year | custom | | USD | 12 | amount
5000 + 3000 for a trip in a year | travel | | USD | 12 | amount
2 x 5000 til to sykler om et år | major_purchase | | USD | 12 | amount
save 40% of 5000 a month | custom | | USD | | share when
my pension is 2000 a month, 15k for a cruise in a year | travel | 15000 | USD | 12 |
pensjonen min er 20 000 i måneden, 80k til reise om et år | travel | 80000 | USD | 12 |
20k for a car in a year without getting into debt | major_purchase | 20000 | USD | 12 |
need 10,000 bricks by june | custom | | USD | 7 | amount
10'000 Fr in a year | custom | 10000 | CHF | 12 |
5k by 1/2 2028 | custom | 5000 | USD | | date
need 200 chairs by june | custom | | USD | 7 | amount
trenger 200 stoler innen juni | custom | | USD | 7 | amount
uten å selge hytta på 3 millioner, spare 200 000 på 3 år | custom | 200000 | USD | 36 |
save 20k in 2 years without touching my 300k pension | custom | 20000 | USD | 24 |
save 20k in 2 years without using my 50k credit line | custom | 20000 | USD | 24 |
spare 200 000 på 3 år uten å røre pensjonen på 2 millioner | custom | 200000 | USD | 36 |
spare 200 000 på 3 år uten å bruke kredittkortet på 50 000 | custom | 200000 | USD | 36 |
I have no investments yet, save 200 000 in 10 years | custom | 200000 | USD | 120 |
I have no funds today, save 200 000 in 10 years | custom | 200000 | USD | 120 |
I don't invest today but want to, 200 000 in 10 years | custom | 200000 | USD | 120 |
jeg har ingen fond, spare 200 000 på 10 år | custom | 200000 | USD | 120 |
jeg har ingen aksjer ennå og vil spare 200 000 på 10 år | custom | 200000 | USD | 120 |
Keep 500 aside each month for a bike of 6000 in a year | major_purchase | 6000 | USD | 12 |
keep 500 dollars a month for a bike of 6000 in a year | major_purchase | 6000 | USD | 12 |
behold 500 til side hver måned til sykkel til 6000 om et år | major_purchase | 6000 | USD | 12 |
keep 60k as my emergency fund, 200k for a car in 3 years | major_purchase | 200000 | USD | 36 |
behold 60 000 som nødfond, 200 000 til bil om 3 år | major_purchase | 200000 | USD | 36 |
"""

# What limits come to. A line: text | kind of limit:amount, the amount empty where it is not
# reckoned with | other assumptions that limits make | put aside each month.
AUDITED_LIMITS = """
spare 200 000 på 3 år uten å selge hytta på 3 millioner | leave_alone: | |
20k in 2 years without selling my 3 million cabin | leave_alone: | |
20k in 2 years without touching my 300k pension | leave_alone: | |
20k in 2 years without touching my 300k retirement savings | leave_alone: | |
200 000 på 3 år uten å røre pensjonssparingen på 2 millioner | leave_alone: | |
20k in 2 years without using my 50k credit line | leave_alone: | |
200 000 på 3 år uten å bruke kredittkortet på 50 000 | leave_alone: | |
20k in 2 years, keep my 80k car untouched | leave_alone: | |
200 000 på 3 år uten å selge bilen min på 80 000 | leave_alone: | |
20k in 2 years without touching my 5k savings | leave_alone:5000 | kept=5000 |
20k in 2 years without using the 5k in my savings account | leave_alone:5000 | kept=5000 |
200 000 på 3 år uten å røre sparekontoen på 80 000 | leave_alone:80000 | kept=80000 |
20k in 2 years without touching my 10 000 savings | leave_alone:10000 | kept=10000 |
20k in 2 years, leave 10k alone | leave_alone:10000 | kept=10000 |
200 000 på 3 år, la 50 000 stå urørt | leave_alone:50000 | kept=50000 |
I have no investments yet, save 200 000 in 10 years | | |
no investments so far, save 200 000 in 10 years | | |
I have no funds today, save 200 000 in 10 years | | |
I don't invest today but want to, 200 000 in 10 years | | |
jeg har ingen fond, spare 200 000 på 10 år | | |
jeg har ingen aksjer, spare 200 000 på 10 år | | |
jeg investerer ikke, ingen aksjer i dag, 200 000 på 10 år | | |
I have 5k, no stocks, 40k in 4 years | no_risk: | annual_return=0.02 annual_return_sd=0 |
I have to save 40k in 4 years without risk | no_risk: | annual_return=0.02 annual_return_sd=0 |
jeg har 5000, uten aksjer, 40 000 på 4 år | no_risk: | annual_return=0.02 annual_return_sd=0 |
Keep 500 aside each month for a bike of 6000 in a year | | | 500
keep 500 dollars a month for a bike of 6000 in a year | | | 500
keep 500 in savings each month for a bike of 6000 in a year | | | 500
Keep 500 of my salary aside every month for a bike of 6000 in a year | | | 500
behold 500 til side hver måned til sykkel til 6000 om et år | | | 500
behold 500 kr i måneden til sykkel til 6000 kr om et år | | | 500
keep 10k in savings and put aside 500 a month for a car of 20k | keep:10000 | kept=10000 | 500
20k, not touching my 10k savings, keep 10k in savings | leave_alone:10000 keep:10000 | kept=10000 |
ikke rør kontoen på 50 000, behold 50 000 på konto | leave_alone:50000 keep:50000 | kept=50000 |
keep 5k in checking and keep 10k in savings | keep:5000 keep:10000 | kept=15000 |
keep 60 000 as my emergency fund | keep:60000 | emergency_fund_months=0 kept=60000 |
without touching my 10k emergency fund | leave_alone:10000 | emergency_fund_months=0 kept=10000 |
without touching my emergency fund | leave_alone: | |
behold 60 000 som nødfond | keep:60000 | emergency_fund_months=0 kept=60000 |
uten å røre bufferen på 60 000 | leave_alone:60000 | emergency_fund_months=0 kept=60000 |
"""
